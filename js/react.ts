/** The entry `perse-wasm/react`: the camera element and the client, for React 18 and 19. */
import {
  createElement,
  forwardRef,
  useCallback,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  type CSSProperties,
  type ForwardRefExoticComponent,
  type ReactNode,
  type RefAttributes,
} from 'react';
import {
  capture,
  type CaptureEvents,
  type CaptureOptions,
  type CaptureResult,
  type PerseCamera as PerseCameraElement,
  type PerseCameraProperties,
} from './camera.js';
import { createPerse, type PerseClient, type PerseOptions } from './index.js';

/** Events of the element, by the property that listens to them. */
const LISTENERS = {
  onStateChange: 'statechange',
  onHint: 'hint',
  onFace: 'face',
  onFaceLost: 'facelost',
  onPhoto: 'photo',
  onPresence: 'presence',
  onComplete: 'complete',
  onCancel: 'cancel',
  onWarning: 'warning',
  onFail: 'fail',
} as const satisfies Record<string, keyof CaptureEvents>;

type Listeners = {
  [Name in keyof typeof LISTENERS]?: ((detail: CaptureEvents[(typeof LISTENERS)[Name]]) => void) | undefined;
};

/** Properties of {@link PerseCamera}: those of the element, and a function for each event's `detail`. */
export interface PerseCameraProps extends Partial<PerseCameraProperties>, Listeners {
  /** Texts of the page's own, by key. */
  messages?: PerseCameraElement['messages'];
  /** Loads another face engine than the package's. */
  analyser?: PerseCameraElement['analyser'] | undefined;
  /** Elements with a `slot`: `intro`, `denied`, `unsupported`, `done`. */
  children?: ReactNode;
  /** CSS classes of the element. */
  className?: string | undefined;
  /** Styles of the element, `--perse-camera-*` among them. */
  style?: CSSProperties | undefined;
  /** `id` of the element. */
  id?: string | undefined;
}

/**
 * Shows `<perse-camera>`. Its ref is the element, with `start()`, `stop()` and `shoot()`.
 *
 * @example
 * <PerseCamera autostart onPhoto={({ blob }) => upload(blob)} onFail={({ message }) => tell(message)} />
 */
export const PerseCamera: ForwardRefExoticComponent<PerseCameraProps & RefAttributes<PerseCameraElement>> =
  forwardRef<PerseCameraElement, PerseCameraProps>(function PerseCamera(props, outer) {
    const { messages: _, analyser: __, children, className, style, id, ...rest } = props;
    const inner = useRef<PerseCameraElement | null>(null);
    const latest = useRef(props);
    // A ref comes before effects, and before the element starts by itself.
    const attach = useCallback((element: PerseCameraElement | null) => {
      inner.current = element;
      if (element) setProperties(element, latest.current);
    }, []);
    useImperativeHandle(outer, () => inner.current!, []);
    // Functions are looked up at each event: a new one with each render costs nothing.
    useEffect(() => {
      latest.current = props;
      setProperties(inner.current!, props);
    });
    useEffect(() => {
      const element = inner.current!;
      const ends = Object.entries(LISTENERS).map(([name, type]) => {
        const listener = ({ detail }: CustomEvent) =>
          (latest.current[name as keyof Listeners] as ((detail: unknown) => void) | undefined)?.(detail);
        element.addEventListener(type, listener);
        return () => element.removeEventListener(type, listener as EventListener);
      });
      return () => ends.forEach((end) => end());
    }, []);
    const attributes = { class: className, style, id, ...toAttributes(rest), ref: attach };
    return createElement('perse-camera', attributes, children);
  });

/** Sets what no attribute can hold. */
function setProperties(element: PerseCameraElement, { messages, analyser }: PerseCameraProps): void {
  if (element.messages !== messages) element.messages = messages;
  if (analyser && element.analyser !== analyser) element.analyser = analyser;
}

/** React 18 sets attributes only, and both write them on a server. */
function toAttributes(properties: Record<string, unknown>): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (name in LISTENERS || value === undefined || value === null) continue;
    const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    attributes[attribute] = value === true ? '' : String(value);
  }
  return attributes;
}

/** Result of {@link useCapture}. */
export interface UseCapture {
  /**
   * Opens the camera over the page, or in `video`, and takes the photos. Ends the capture before.
   *
   * @example
   * const { photos } = await capture({ count: 2 });
   */
  capture(options?: CaptureOptions): Promise<CaptureResult>;
  /**
   * Turns the camera off; the capture gives `aborted`.
   *
   * @example
   * cancel();
   */
  cancel(): void;
  /** Whether the camera is on. */
  isOpen: boolean;
  /** The current hint. */
  hint: CaptureEvents['hint'] | undefined;
  /** Result of the latest capture. */
  result: CaptureResult | undefined;
}

/**
 * Takes photos on demand. The camera is off when the component is gone.
 *
 * @example
 * const { capture, isOpen } = useCapture();
 * <button disabled={isOpen} onClick={async () => setResult(await capture())}>Take a selfie</button>
 */
export function useCapture(options: CaptureOptions = {}): UseCapture {
  const [state, setState] = useState<Pick<UseCapture, 'isOpen' | 'hint' | 'result'>>({
    ...{ isOpen: false, hint: undefined, result: undefined },
  });
  const running = useRef<AbortController | undefined>(undefined);
  const latest = useRef(options);
  useEffect(() => void (latest.current = options));
  const cancel = useCallback(() => running.current?.abort(), []);
  useEffect(() => cancel, [cancel]);
  const take = useCallback(
    async (more: CaptureOptions = {}) => {
      cancel();
      const controller = (running.current = new AbortController());
      const all = { ...latest.current, ...more };
      const abort = () => controller.abort();
      all.signal?.addEventListener('abort', abort);
      setState({ isOpen: true, hint: undefined, result: undefined });
      try {
        const result = await capture({
          ...{ ...all, signal: controller.signal },
          onHint(hint) {
            if (running.current === controller) setState((previous) => ({ ...previous, hint }));
            all.onHint?.(hint);
          },
        });
        if (running.current === controller) setState({ isOpen: false, hint: undefined, result });
        return result;
      } finally {
        all.signal?.removeEventListener('abort', abort);
      }
    },
    [cancel],
  );
  return { ...state, capture: take, cancel };
}

/**
 * Makes a client of the face verification service for a component and those below it. It forgets its token
 * when the component is gone.
 *
 * @example
 * const perse = usePerse({ enduserConsent: hasAgreed });
 * useEffect(() => perse.setToken(fetchToken), [perse]);
 */
export function usePerse(options?: PerseOptions): PerseClient {
  const [client] = useState(() => createPerse(options));
  useEffect(() => {
    if (options) client.configure(options);
  }, [client, options]);
  useEffect(() => () => client.clear(), [client]);
  return client;
}
