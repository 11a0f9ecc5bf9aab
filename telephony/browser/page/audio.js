// Microphone in, speaker out. The two may run in contexts of different rates; the worklets resample where they must.

const RATE = 16000;

/** A microphone that cannot be had; `reason` is a key of the page's texts. */
export class NoMicrophone extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const REASONS = {
  NotAllowedError: "no_permission",
  SecurityError: "no_permission",
  NotFoundError: "no_microphone",
  OverconstrainedError: "no_microphone",
  NotReadableError: "microphone_busy",
  AbortError: "microphone_busy",
};

/** Ask for the microphone, with the browser's own echo canceller. Throws NoMicrophone. */
export async function askForMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) throw new NoMicrophone("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
  } catch (fault) {
    throw new NoMicrophone(REASONS[fault.name] ?? "no_microphone");
  }
}

function newContext() {
  try {
    return new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
  } catch {
    return new AudioContext({ latencyHint: "interactive" });
  }
}

/**
 * Send what the microphone hears, as 20 ms frames of PCM16 at 16 kHz, to onFrame(buffer, level).
 * Where the browser cannot connect a microphone to a 16 kHz context, it runs at the device's own rate.
 */
export async function startCapture(stream, onFrame) {
  let context = newContext();
  let source;
  try {
    source = context.createMediaStreamSource(stream);
  } catch {
    await context.close();
    context = new AudioContext({ latencyHint: "interactive" });
    source = context.createMediaStreamSource(stream);
  }
  await context.audioWorklet.addModule(new URL("./capture-worklet.js", import.meta.url));
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 1, channelCount: 1, channelCountMode: "explicit" });
  let muted = false;
  capture.port.onmessage = ({ data }) => {
    if (muted) new Int16Array(data.pcm).fill(0);
    onFrame(data.pcm, muted ? 0 : data.level);
  };
  source.connect(capture);
  capture.connect(context.destination); // silent, but a node that leads nowhere is not run in every browser
  await context.resume();
  return {
    mute(on) { muted = on; },
    stop() {
      capture.port.postMessage("stop");
      context.close();
    },
  };
}

/** Where the bot's voice goes. `onPlayed(name)` tells of each mark whose audio has left the loudspeaker. */
export async function startPlayback(onPlayed) {
  const context = newContext();
  // Now, while the caller's click still counts; not awaited, because without a loudspeaker it may never be done.
  context.resume();
  await context.audioWorklet.addModule(new URL("./playback-worklet.js", import.meta.url));
  const playback = new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
  const volume = new GainNode(context);
  playback.connect(volume).connect(context.destination);
  // What the worklet has handed over still travels to the loudspeaker for this long.
  const travelMs = () => 1000 * ((context.baseLatency || 0) + (context.outputLatency || 0));
  let onTheWay = new Set();
  playback.port.onmessage = ({ data }) => {
    const timer = setTimeout(() => {
      onTheWay.delete(timer);
      onPlayed(data.mark);
    }, travelMs());
    onTheWay.add(timer);
  };
  return {
    play(buffer) { playback.port.postMessage({ pcm: buffer }, [buffer]); },
    mark(name) { playback.port.postMessage({ mark: name }); },
    clear() {
      playback.port.postMessage({ clear: true });
      onTheWay.forEach(clearTimeout);
      onTheWay = new Set();
    },
    sound(on) { volume.gain.value = on ? 1 : 0; },
    stop() {
      playback.port.postMessage({ stop: true });
      context.close();
    },
  };
}
