/** Attributes of the element, and the properties that mirror them. */
import { DEFAULTS, type Settings } from './limits.js';

/** Attributes of `<perse-camera>`, as properties. */
export interface PerseCameraProperties extends Omit<Settings, 'roi' | 'deviceId'> {
  /** A camera's `deviceId`. @default '' */
  deviceId: string;
  /** Four shares of the frame that the face stays clear of: "top right bottom left". @default '0 0 0 0' */
  roi: string;
  /** Open the camera as soon as the element is in the page. @default false */
  autostart: boolean;
  /** Milliseconds until the button appears in automatic capture; 0 at once, -1 never. @default 8000 */
  manualAfter: number;
  /** Mirror the picture: `auto` mirrors a camera that faces the person. Photos never are. @default 'auto' */
  mirror: 'auto' | 'on' | 'off';
  /** Draw the face's box. @default false */
  showBox: boolean;
  /** Draw the face's 68 points. @default false */
  showPoints: boolean;
  /** Blur the face in the picture; the photo stays as it is. @default false */
  blurFace: boolean;
  /** Language of the texts: `en`, `pt-BR`, `es`. @default the nearest `lang` attribute */
  locale: string;
  /** URL of the file of network weights. @default '', the weights of the package */
  models: string;
  /** Offer to choose a file where there is no camera. @default 'file' */
  fallback: 'file' | 'none';
}

/** A property that is an attribute. */
export type Name = keyof PerseCameraProperties;

/** Properties with their defaults. */
const PROPERTIES: { [Key in Name]: PerseCameraProperties[Key] } = {
  ...DEFAULTS,
  deviceId: '',
  roi: DEFAULTS.roi.join(' '),
  autostart: false,
  manualAfter: 8000,
  mirror: 'auto',
  showBox: false,
  showPoints: false,
  blurFace: false,
  locale: '',
  models: '',
  fallback: 'file',
};

/** A property's attribute. */
export const toAttribute = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Properties by attribute. */
export const ATTRIBUTES = new Map(Object.keys(PROPERTIES).map((name) => [toAttribute(name), name as Name]));

/** Makes each property of the class the attribute of its name. */
export function reflect(element: typeof HTMLElement): void {
  for (const [attribute, name] of ATTRIBUTES) {
    const initial = PROPERTIES[name];
    Object.defineProperty(element.prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: HTMLElement): unknown {
        const value = this.getAttribute(attribute);
        if (typeof initial === 'boolean') return value === null ? initial : value !== 'false';
        if (value === null) return initial;
        if (typeof initial !== 'number') return value;
        const number = Number(value);
        return value.trim() === '' || Number.isNaN(number) ? initial : number;
      },
      set(this: HTMLElement, value: unknown) {
        if (value === undefined || value === null) this.removeAttribute(attribute);
        else if (typeof initial !== 'boolean') {
          this.setAttribute(attribute, Array.isArray(value) ? value.join(' ') : String(value));
        } else {
          const isOn = value === '' || (!!value && value !== 'false'); // '' is how frameworks say "there"
          if (isOn === initial) this.removeAttribute(attribute);
          else this.setAttribute(attribute, isOn ? '' : 'false');
        }
      },
    });
  }
}

/** Makes an instance's own property, set before its class was known, one of the class. */
export function upgrade(element: object, name: string): void {
  if (!Object.hasOwn(element, name)) return;
  const value = (element as Record<string, unknown>)[name];
  delete (element as Record<string, unknown>)[name];
  (element as Record<string, unknown>)[name] = value;
}
