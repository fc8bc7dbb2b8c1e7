/** Converts places in the video to places on the stage that shows the video. */

/** A rectangle, in pixels. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Size {
  width: number;
  height: number;
}

/** Maps a rectangle of a video to the stage that the video covers, `object-fit: cover`. */
export function place(rect: Rect, video: Size, stage: Size, isMirrored: boolean): Rect {
  const scale = Math.max(stage.width / video.width, stage.height / video.height);
  const left = (stage.width - video.width * scale) / 2 + rect.x * scale;
  const width = rect.width * scale;
  return {
    x: isMirrored ? stage.width - left - width : left,
    y: (stage.height - video.height * scale) / 2 + rect.y * scale,
    width,
    height: rect.height * scale,
  };
}
