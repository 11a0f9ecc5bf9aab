// Runs in the audio thread: plays 16 kHz PCM16 and counts samples, so that a mark is reported when the sample before
// it has left, and never after a clear.

const RATE = 16000;
// Hold this much before starting, so that a small hiccup on the network is not heard. A mark ends the wait: what is
// before it is all there is.
const CUSHION = RATE * 0.06;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.queue = []; // {pcm: Int16Array} or {mark: string}, in order
    this.offset = 0; // samples of queue[0] already played
    this.held = 0; // samples waiting in the queue
    this.running = false;
    this.step = RATE / sampleRate; // 1 where the context runs at 16 kHz
    this.position = 1; // between `before` and `after`, when it must interpolate
    this.before = 0;
    this.after = 0;
    this.stopped = false;
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  receive(data) {
    if (data.stop) this.stopped = true;
    else if (data.clear) this.clear();
    else if (data.mark !== undefined) {
      this.queue.push({ mark: data.mark });
      this.running = true;
    } else {
      const pcm = new Int16Array(data.pcm);
      if (pcm.length === 0) return;
      this.queue.push({ pcm });
      this.held += pcm.length;
      if (this.held >= CUSHION) this.running = true;
    }
  }

  clear() {
    this.queue = [];
    this.offset = 0;
    this.held = 0;
    this.running = false;
    this.before = 0;
    this.after = 0;
  }

  /** The next sample at 16 kHz, or null when there is none. */
  next() {
    this.report();
    const head = this.queue[0];
    if (head === undefined) {
      this.running = false;
      return null;
    }
    const sample = head.pcm[this.offset++] / 32768;
    this.held--;
    if (this.offset === head.pcm.length) {
      this.queue.shift();
      this.offset = 0;
    }
    return sample;
  }

  /** Tell of every mark that has nothing left before it. */
  report() {
    while (this.queue.length > 0 && this.queue[0].mark !== undefined) {
      this.port.postMessage({ mark: this.queue.shift().mark });
    }
  }

  process(inputs, outputs) {
    const out = outputs[0][0];
    for (let i = 0; i < out.length; i++) out[i] = this.running ? this.sample() : 0;
    if (this.running) this.report();
    return !this.stopped;
  }

  sample() {
    if (this.step === 1) return this.next() ?? 0;
    while (this.position >= 1) {
      this.before = this.after;
      this.after = this.next() ?? 0;
      this.position -= 1;
    }
    const value = this.before + (this.after - this.before) * this.position;
    this.position += this.step;
    return value;
  }
}

registerProcessor("playback", Playback);
