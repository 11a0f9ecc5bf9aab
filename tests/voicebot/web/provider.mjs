// A certified OpenID Connect provider (oidc-provider) on a free port of loopback, with two people in it.
// node provider.mjs FOLDER_OF_THE_PACKAGE REDIRECT_URI...; prints its issuer when it answers.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [folder, ...redirectUris] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${folder}/lib/index.js`));
const groups = { kari: ['advisors'], ola: ['officers', 'runners'] };
const key = (kid) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256',
});

const server = createServer((request, response) => answer(request, response));
let answer = () => {};
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'voicebot', client_secret: 'sec/ret+ =%', redirect_uris: redirectUris }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    pkce: { required: () => true },
    jwks: { keys: [key('first')] },
    cookies: { keys: ['loopback'] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }),
    }),
  });
  answer = provider.callback();
  console.log(issuer);
});
process.stdin.on('end', () => process.exit(0)).resume();
