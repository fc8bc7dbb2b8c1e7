// The page of the camera's tests: cameras that can be told what to do, and an analyser that replays what
// it should say of each scene.
import * as camera from '/build/camera-test/camera.js';

// As `lib/scenes.mjs` has them.
const SIZE = [16, 12];
const DETAIL = [160, 120];
/** Weight of a scene's sharpness beside its colours. */
const SHARPNESS = 2_000;
const query = new URLSearchParams(location.search);
const table = await (await fetch('/build/camera-test/scenes.json')).json();
const images = Object.fromEntries(
  await Promise.all(
    table.map(async ({ name }) => {
      const blob = await (await fetch(`/build/camera-test/${name}.jpg`)).blob();
      return [name, await createImageBitmap(blob)];
    }),
  ),
);

/** Every track that the page ever got, to see that each ends. */
const tracks = [];
/** Constraints that `getUserMedia` got. */
const requests = [];
const own = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);

function count(stream) {
  tracks.push(...stream.getTracks());
  return stream;
}

/** Shows scenes on a canvas that plays the camera; works in every engine. */
class Stage {
  constructor(scene = 'good', [width, height] = [640, 480]) {
    this.canvas = document.createElement('canvas');
    Object.assign(this.canvas, { width, height });
    this.context = this.canvas.getContext('2d');
    this.show(scene);
    // Frames come only when something is drawn.
    this.timer = setInterval(() => this.draw(), 33);
  }

  show(scene) {
    this.scene = scene;
    this.draw();
  }

  draw() {
    const { width, height } = this.canvas;
    this.context.fillStyle = '#000';
    this.context.fillRect(0, 0, width, height);
    if (images[this.scene]) this.context.drawImage(images[this.scene], 0, 0, width, height);
    // One pixel changes, so that engines which skip equal frames don't.
    this.context.fillStyle = `rgb(${Math.floor(performance.now()) % 9}, 0, 0)`;
    if (this.scene !== 'black') this.context.fillRect(0, 0, 1, 1);
  }

  resize(width, height) {
    Object.assign(this.canvas, { width, height });
    this.draw();
  }

  stream() {
    return this.canvas.captureStream(30);
  }
}

/** Calls of a replaced `getUserMedia`, answered by the tests. */
function stub(answer) {
  Object.defineProperty(navigator.mediaDevices, 'getUserMedia', {
    configurable: true,
    value: async (constraints) => {
      requests.push(constraints);
      return count(await answer(constraints));
    },
  });
}

/** Tells a scene by its colours, as coarse as they are after a camera and an encoder. */
class Replay {
  static loads = 0;
  static disposals = 0;
  static frames = [];

  static load = async () => {
    Replay.loads++;
    return new Replay();
  };

  constructor() {
    this.canvases = [SIZE, DETAIL].map((size) => [
      new OffscreenCanvas(...size).getContext('2d', { willReadFrequently: true }),
      size,
    ]);
  }

  async analyse(frame) {
    const started = performance.now();
    const { width, height } = frame;
    const [data, pixels] = this.canvases.map(([context, size]) => {
      context.imageSmoothingQuality = 'high';
      context.drawImage(frame, 0, 0, ...size);
      return context.getImageData(0, 0, ...size).data;
    });
    frame.close();
    let seenDetail = 0;
    for (let i = 1; i + 4 < pixels.length; i += 4) seenDetail += Math.abs(pixels[i] - pixels[i + 4]);
    seenDetail /= pixels.length / 4;
    const distances = table.map(({ thumb, detail }) => {
      let sum = SHARPNESS * Math.abs(detail - seenDetail);
      for (let pixel = 0; pixel < SIZE[0] * SIZE[1]; pixel++) {
        for (let channel = 0; channel < 3; channel++) {
          sum += Math.abs(thumb[pixel * 3 + channel] - data[pixel * 4 + channel]);
        }
      }
      return sum;
    });
    const scene = table[distances.indexOf(Math.min(...distances))];
    Replay.frames.push({ scene: scene.name, width, height, at: started });
    const report = structuredClone(lab.reports[scene.name] ?? scene.report);
    const [across, down] = [width / report.width, height / report.height];
    for (const { box, ...face } of report.faces) {
      for (const key of ['x', 'width']) box[key] *= across;
      for (const key of ['y', 'height']) box[key] *= down;
      face.points.forEach((value, index) => (face.points[index] = value * (index % 2 ? down : across)));
    }
    return { ...report, width, height };
  }

  dispose() {
    Replay.disposals++;
  }
}

globalThis.lab = {
  ...{ camera, Stage, Replay, stub, tracks, requests, images, table, own, count },
  /** Other reports for a scene than its own. */
  reports: {},
  /** A camera of the page; every one that is opened shows the stage. */
  useStage(scene, size) {
    lab.stage = new Stage(scene, size);
    stub(() => lab.stage.stream());
    return lab.stage;
  },
  /** Pollutes `Object.prototype` in the page's own realm; returns the function that cleans it. */
  pollute(additions) {
    Object.assign(Object.prototype, JSON.parse(JSON.stringify(additions)));
    return () => Object.keys(additions).forEach((name) => delete Object.prototype[name]);
  },
  /** Counts the requests of the browser's own camera. */
  useOwn() {
    stub((constraints) => own(constraints));
  },
  /** A `<perse-camera>` with attributes, its events recorded. */
  element(attributes = {}, parent = document.querySelector('#place')) {
    const element = document.createElement('perse-camera');
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    // The package's own engine, where the test asks for it.
    element.analyser = query.has('engine') ? undefined : Replay.load;
    element.log = [];
    for (const type of [
      ...['statechange', 'hint', 'facelost', 'photo', 'presence', 'complete', 'cancel', 'warning', 'fail'],
    ]) {
      element.addEventListener(type, ({ detail }) =>
        element.log.push({ type, detail, at: performance.now() }),
      );
    }
    parent.append(element);
    lab.current = element;
    return element;
  },
  /** Waits for something to be true. */
  async until(test, what = String(test), ms = 15_000) {
    const end = performance.now() + ms;
    while (!test()) {
      if (performance.now() > end) throw new Error(`Waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ended: () => tracks.map(({ readyState }) => readyState),
  isReady: true,
};
