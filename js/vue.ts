/** The entry `perse-wasm/vue`: the camera element for Vue 3. */
import {
  defineComponent,
  h,
  onScopeDispose,
  ref,
  shallowRef,
  type ComponentOptionsMixin,
  type ComputedOptions,
  type DefineComponent,
  type MethodOptions,
  type PropType,
  type Ref,
  type ShallowRef,
} from 'vue';
import {
  capture,
  type CaptureEvents,
  type CaptureOptions,
  type CaptureResult,
  type PerseCamera as PerseCameraElement,
  type PerseCameraProperties,
} from './camera.js';
import { EVENT_TYPES } from './camera/event-types.js';

type Emits = { [Type in keyof CaptureEvents]: (detail: CaptureEvents[Type]) => boolean };

const emits = Object.fromEntries(EVENT_TYPES.map((type) => [type, () => true])) as unknown as Emits;

/** Properties of {@link PerseCamera}: the element's, and what no attribute can hold. */
export interface PerseCameraProps extends Partial<PerseCameraProperties> {
  /** Texts of the page's own, by key. */
  messages?: PerseCameraElement['messages'];
  /** Loads another face engine than the package's. */
  analyser?: PerseCameraElement['analyser'] | undefined;
}

/** Value of a template ref of {@link PerseCamera}. */
export interface PerseCameraExposed {
  /** The element, with `start()`, `stop()` and `shoot()`. */
  element: Ref<PerseCameraElement | undefined>;
}

const component = defineComponent({
  name: 'PerseCamera',
  props: {
    messages: Object as PropType<NonNullable<PerseCameraElement['messages']>>,
    analyser: Function as PropType<PerseCameraElement['analyser']>,
  },
  emits,
  setup(props, { emit, slots, expose }) {
    const element = ref<PerseCameraElement>();
    expose({ element } satisfies PerseCameraExposed);
    const listeners = Object.fromEntries(
      EVENT_TYPES.map((type) => [
        `on${type[0]!.toUpperCase()}${type.slice(1)}`,
        ({ detail }: CustomEvent) => emit(type as 'photo', detail),
      ]),
    );
    return () =>
      h(
        'perse-camera',
        { ref: element, messages: props.messages, analyser: props.analyser, ...listeners },
        Object.entries(slots).map(([slot, content]) => h('div', { slot }, content?.())),
      );
  },
});

/**
 * Shows `<perse-camera>`: attributes and classes go to the element, its events come with their `detail`,
 * and slots `intro`, `denied`, `unsupported` and `done` fill the element's own.
 *
 * @example
 * <PerseCamera autostart :count="3" @photo="({ blob }) => upload(blob)" />
 */
export const PerseCamera = component as unknown as DefineComponent<
  PerseCameraProps,
  PerseCameraExposed,
  object,
  ComputedOptions,
  MethodOptions,
  ComponentOptionsMixin,
  ComponentOptionsMixin,
  Emits
>;

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
  isOpen: Ref<boolean>;
  /** Result of the latest capture. */
  result: ShallowRef<CaptureResult | undefined>;
}

/**
 * Takes photos on demand. The camera is off when the component is gone.
 *
 * @example
 * const { capture, isOpen } = useCapture();
 */
export function useCapture(options: CaptureOptions = {}): UseCapture {
  const isOpen = ref(false);
  const result = shallowRef<CaptureResult>();
  let running: AbortController | undefined;
  const cancel = () => running?.abort();
  onScopeDispose(cancel);
  return {
    ...{ isOpen, result, cancel },
    async capture(more = {}) {
      cancel();
      const controller = (running = new AbortController());
      const all = { ...options, ...more };
      const abort = () => controller.abort();
      all.signal?.addEventListener('abort', abort);
      isOpen.value = true;
      try {
        const latest = await capture({ ...all, signal: controller.signal });
        if (running === controller) result.value = latest;
        return latest;
      } finally {
        all.signal?.removeEventListener('abort', abort);
        if (running === controller) isOpen.value = false;
      }
    },
  };
}
