# The bot in a box: libraries and models are inside, so that nothing is downloaded while a call is waiting.
#
#   docker build -t voicebot .
#   docker run -p 8080:8080 -e TWILIO_ACCOUNT_SID -e TWILIO_AUTH_TOKEN -e PUBLIC_URL voicebot
#
# Another package index: --secret id=pip,src=pip.conf mounts your pip configuration while building.

FROM python:3.12-slim AS libraries
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/voicebot
WORKDIR /src
# The libraries change less often than the code: they come in a layer of their own.
COPY pyproject.toml README.md LICENSE ./
RUN mkdir voicebot telephony speech dialog && touch voicebot/__init__.py
RUN --mount=type=secret,id=pip,target=/etc/pip.conf /opt/voicebot/bin/pip install .
COPY voicebot voicebot
COPY telephony telephony
COPY speech speech
COPY dialog dialog
RUN --mount=type=secret,id=pip,target=/etc/pip.conf /opt/voicebot/bin/pip install --no-deps --force-reinstall .

FROM libraries AS models
RUN --mount=type=secret,id=pip,target=/etc/pip.conf /opt/voicebot/bin/voicebot models fetch --folder /models \
    && /opt/voicebot/bin/voicebot models verify --folder /models \
    && chmod -R a+rX /models

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home voicebot
COPY --from=libraries /opt/voicebot /opt/voicebot
COPY --from=models --chown=voicebot /models /models
COPY --chown=voicebot bots /bots
ENV PATH=/opt/voicebot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VOICEBOT_HOST=0.0.0.0 \
    VOICEBOT_LOG_FORMAT=json \
    VOICEBOT_MODELS_FOLDER=/models
USER voicebot
WORKDIR /home/voicebot
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["voicebot", "serve", "/bots/nordlys"]
