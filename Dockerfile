# The bot in a box: libraries and models are inside, so that nothing is downloaded while a call is waiting.
#
#   docker build -t voicebot .
#   docker run -p 8080:8080 -v voicebot-data:/data -e TWILIO_ACCOUNT_SID -e TWILIO_AUTH_TOKEN -e PUBLIC_URL voicebot
#
# It writes below /data (records, their keys, derived sound) and /tmp only, so it runs with a root file system that is
# read-only and without any privilege:
#
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges -v voicebot-data:/data ...
#
# Secrets as files: -v ./secrets:/run/secrets:ro -e TWILIO_AUTH_TOKEN_FILE=/run/secrets/token
# Another package index: --secret id=pip,src=pip.conf mounts your pip configuration while building.

FROM python:3.12-slim AS libraries
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/voicebot
WORKDIR /src
# The libraries change less often than the code: they come in a layer of their own.
COPY requirements/run.txt requirements/run.txt
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    /opt/voicebot/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY voicebot voicebot
COPY telephony telephony
COPY speech speech
COPY dialog dialog
RUN --mount=type=secret,id=pip,target=/etc/pip.conf /opt/voicebot/bin/pip install --no-deps .

FROM libraries AS models
RUN --mount=type=secret,id=pip,target=/etc/pip.conf /opt/voicebot/bin/voicebot models fetch --folder /models \
    && /opt/voicebot/bin/voicebot models verify --folder /models \
    && chmod -R a+rX /models

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home voicebot && install --directory --owner voicebot --mode 0700 /data
COPY --from=libraries /opt/voicebot /opt/voicebot
COPY --from=models /models /models
COPY bots /bots
ENV PATH=/opt/voicebot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VOICEBOT_HOST=0.0.0.0 \
    VOICEBOT_LOG_FORMAT=json \
    VOICEBOT_MODELS_FOLDER=/models \
    VOICEBOT_RECORDS_FOLDER=/data/records \
    VOICEBOT_CACHE_FOLDER=/data/cache
USER voicebot
WORKDIR /home/voicebot
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["voicebot", "serve", "/bots/nordlys"]
