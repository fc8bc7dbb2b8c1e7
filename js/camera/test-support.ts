/** A clock, a camera and reports that unit tests control. */
import type { Analyser, FaceReport, FrameReport } from './analyser.js';
import type { CameraError } from './errors.js';
import { EVENT_TYPES } from './event-types.js';
import type {
  CameraDevice,
  CameraEvents,
  CameraPort,
  CameraRequest,
  Clock,
  Crop,
  Grab,
  OpenCamera,
} from './ports.js';
import { CaptureSession } from './session.js';
import type { CaptureEvents, SessionOptions } from './types.js';

/** Lets everything that is settled go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that moves when it is told to. */
export class FakeClock implements Clock {
  #time = 1_000;
  #next = 1;
  readonly #timers = new Map<number, { at: number; action: () => void }>();

  now(): number {
    return this.#time;
  }

  set(action: () => void, ms: number): number {
    this.#timers.set(this.#next, { at: this.#time + ms, action });
    return this.#next++;
  }

  clear(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Number of timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const end = this.#time + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      const [id, { at, action }] = due;
      this.#timers.delete(id);
      this.#time = Math.max(this.#time, at);
      action();
      await settle();
    }
    this.#time = end;
    await settle();
  }
}

/** A frontal face in good light, in a frame of 640×480. */
export function face(changes: Partial<FaceReport> = {}): FaceReport {
  return {
    box: { x: 220, y: 100, width: 200, height: 260 },
    points: Array.from({ length: 136 }, (_, index) => 200 + index),
    ...{ yaw: 0, pitch: 0, roll: 0, mouth: 0.62, eyes: { left: 0.6, right: 0.6 } },
    quality: { underexposure: 0.1, overexposure: 0.1, sharpness: 0.4 },
    ...changes,
  };
}

/** A report on a frame with these faces. */
export function report(faces: FaceReport[] = [face()], changes: Partial<FrameReport> = {}): FrameReport {
  return {
    ...{ width: 640, height: 480, faces, searched: true },
    exposure: { underexposure: 0.1, overexposure: 0.1, sharpness: 0.4 },
    ...changes,
  };
}

/** A picture that knows whether it was closed. */
export class FakeBitmap {
  isClosed = false;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {}
  close(): void {
    this.isClosed = true;
  }
}

/** A camera without a device. */
export class FakeCamera implements CameraPort {
  /** Outcomes of the next openings; they succeed at once if there is none. */
  readonly answers: (Partial<OpenCamera> | CameraError | Promise<Partial<OpenCamera>>)[] = [];
  readonly requests: CameraRequest[] = [];
  readonly bitmaps: FakeBitmap[] = [];
  readonly crops: (Crop | undefined)[] = [];
  /** Calls in order, to see what came before what. */
  readonly calls: string[] = [];
  events!: CameraEvents;
  isOpen = false;
  canResume = true;
  hasTorch = false;
  picture: 'black' | 'grey' | 'color' = 'color';
  list: CameraDevice[] = [
    { deviceId: 'front', label: 'Front camera' },
    { deviceId: 'back', label: 'Back camera' },
  ];
  size = { width: 1280, height: 960 };
  encoding: Promise<void> = Promise.resolve();

  async open(request: CameraRequest, events: CameraEvents): Promise<OpenCamera> {
    this.requests.push(request);
    this.calls.push('open');
    this.events = events;
    const answer = await (this.answers.shift() ?? {});
    if (answer instanceof Error) throw answer;
    this.isOpen = true;
    return {
      ...{ label: 'Front camera', facing: 'user', deviceId: 'front' },
      ...{ isReplacement: false, needsGesture: false, ...answer },
    };
  }

  close(): void {
    this.calls.push('close');
    this.isOpen = false;
  }

  async resume(): Promise<boolean> {
    this.calls.push('resume');
    return this.canResume;
  }

  async grab({ frame, photo }: { frame: boolean; photo: boolean }): Promise<Grab> {
    const make = (width: number, height: number) => {
      const bitmap = new FakeBitmap(width, height);
      this.bitmaps.push(bitmap);
      return bitmap as unknown as ImageBitmap;
    };
    return {
      frame: frame ? make(640, 480) : undefined,
      photo: photo ? make(this.size.width, this.size.height) : undefined,
      ...this.size,
    };
  }

  played = 0;

  progress(): number {
    return this.played;
  }

  probe(): 'black' | 'grey' | 'color' {
    return this.picture;
  }

  async encode(photo: ImageBitmap, crop: Crop | undefined) {
    this.crops.push(crop);
    await this.encoding;
    const { width, height } = crop ?? photo;
    photo.close();
    return { blob: new Blob(['jpeg'], { type: 'image/jpeg' }), width, height };
  }

  async setTorch(): Promise<boolean> {
    return this.hasTorch;
  }

  async devices(): Promise<CameraDevice[]> {
    return this.list;
  }
}

/** An analyser that says what the test says. */
export class FakeAnalyser implements Analyser {
  next: FrameReport = report();
  isDisposed = false;
  crash: Error | undefined;

  async analyse(frame: { close(): void }): Promise<FrameReport> {
    frame.close();
    if (this.crash) throw this.crash;
    return this.next;
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

/** A session with everything around it. */
export function setUp(options: SessionOptions = {}) {
  const clock = new FakeClock();
  const camera = new FakeCamera();
  const analysers: FakeAnalyser[] = [];
  const setup = {
    ...{ clock, camera, analysers },
    /** Loads the engine. */
    load: async (): Promise<Analyser> => {
      const analyser = new FakeAnalyser();
      analysers.push(analyser);
      return analyser;
    },
    log: [] as {
      [Type in keyof CaptureEvents]: { type: Type; detail: CaptureEvents[Type] };
    }[keyof CaptureEvents][],
    session: undefined as unknown as CaptureSession,
    /** Delivers a frame of which the analyser says that, `ms` after the one before. */
    async frame(next: FrameReport = report(), ms = 33) {
      await clock.pass(ms);
      const analyser = analysers.at(-1);
      if (analyser) analyser.next = next;
      camera.events.frame();
      await settle();
    },
    /** Delivers frames for a while. */
    async frames(next: FrameReport | ((index: number) => FrameReport), duration: number, every = 33) {
      for (let index = 0; index * every < duration; index++) {
        await setup.frame(typeof next === 'function' ? next(index) : next, every);
      }
    },
    /** Starts, until the first frame has come. */
    async start(next: FrameReport = report([])) {
      const started = setup.session.start();
      await settle();
      await setup.frame(next);
      await started;
    },
    of: <Type extends keyof CaptureEvents>(type: Type) =>
      setup.log.filter((entry) => entry.type === type).map(({ detail }) => detail as CaptureEvents[Type]),
    states: () => setup.of('statechange').map(({ state }) => state),
    hints: () => setup.of('hint').map(({ code }) => code),
  };
  // Challenges: to the left.
  const random = () => 0;
  const loadAnalyser = () => setup.load();
  setup.session = new CaptureSession(options, { camera, loadAnalyser, clock, random });
  for (const type of EVENT_TYPES) {
    setup.session.addEventListener(type, ({ detail }) => {
      setup.log.push({ type, detail } as (typeof setup.log)[number]);
      camera.calls.push(type);
    });
  }
  return setup;
}
