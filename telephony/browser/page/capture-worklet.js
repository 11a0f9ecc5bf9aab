// Runs in the audio thread: whatever rate the context has, out come 20 ms frames of PCM16 at 16 kHz.

const RATE = 16000;
const FRAME = 320;
// Half the length of the low-pass, in samples of the slower rate: 16 zero crossings keep aliases under -60 dB.
const CROSSINGS = 16;

/** Windowed-sinc resampling with a fractional step; keeps what it needs of the past between calls. */
class Resampler {
  constructor(from, to) {
    this.step = from / to;
    const cutoff = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(CROSSINGS / cutoff);
    this.cutoff = cutoff;
    this.past = new Float32Array(this.half);
    this.at = this.half; // where in past+input the next output sample lies
  }

  weight(distance) {
    const x = distance / this.half;
    if (Math.abs(x) >= 1) return 0;
    const window = 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
    const angle = Math.PI * distance * this.cutoff;
    return window * this.cutoff * (angle === 0 ? 1 : Math.sin(angle) / angle);
  }

  run(input, emit) {
    const all = new Float32Array(this.past.length + input.length);
    all.set(this.past);
    all.set(input, this.past.length);
    while (this.at + this.half < all.length) {
      const middle = Math.floor(this.at);
      let sum = 0;
      for (let i = middle - this.half + 1; i <= middle + this.half; i++) {
        if (i >= 0) sum += all[i] * this.weight(this.at - i);
      }
      emit(sum);
      this.at += this.step;
    }
    const keep = Math.min(all.length, Math.max(0, Math.floor(this.at) - this.half));
    this.past = all.slice(keep);
    this.at -= keep;
  }
}

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.energy = 0;
    this.resampler = sampleRate === RATE ? null : new Resampler(sampleRate, RATE);
    this.stopped = false;
    this.port.onmessage = () => { this.stopped = true; };
    this.take = (sample) => this.add(sample);
  }

  add(sample) {
    const held = Math.max(-1, Math.min(1, sample));
    this.energy += held * held;
    this.frame[this.filled++] = Math.round(held * 32767);
    if (this.filled === FRAME) {
      const level = Math.sqrt(this.energy / FRAME);
      this.port.postMessage({ pcm: this.frame.buffer, level }, [this.frame.buffer]);
      this.frame = new Int16Array(FRAME);
      this.filled = 0;
      this.energy = 0;
    }
  }

  process(inputs) {
    const channels = inputs[0];
    if (channels.length > 0) {
      const mono = channels[0];
      if (this.resampler === null) mono.forEach(this.take);
      else this.resampler.run(mono, this.take);
    }
    return !this.stopped;
  }
}

registerProcessor("capture", Capture);
