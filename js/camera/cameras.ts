/** Chooses among a device's cameras. */
import type { CameraDevice, CameraRequest, OpenCamera } from './ports.js';

/** Whether a choice names a direction, not a camera. */
export const isFacing = (to: string | undefined): to is 'user' | 'environment' =>
  to === 'user' || to === 'environment';

/** Whether a camera's name says infrared. Some phones and laptops name theirs first. */
export const isInfrared = (label: string): boolean => /infra.?red|\bIR\b/i.test(label);

/** The camera after the open one, in the browser's order; the other way round where there is no list. */
export function nextCamera(devices: CameraDevice[], { deviceId, facing }: OpenCamera): CameraRequest {
  const others = devices.filter((device) => device.deviceId && !isInfrared(device.label));
  const index = others.findIndex((device) => device.deviceId === deviceId);
  const next = others[(index + 1) % others.length];
  const opposite = facing === 'user' ? 'environment' : 'user';
  return next && next.deviceId !== deviceId
    ? { facing: opposite, deviceId: next.deviceId }
    : { facing: opposite };
}
