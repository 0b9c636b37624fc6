// The picture that a video shows now, as a file of its own.

const QUALITY = 0.95;

/** `1:02.5` of a moment of so many seconds. */
export function moment(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

/** Null where the browser has no picture of it. */
export async function frameOf(video: HTMLVideoElement, name: string): Promise<File | null> {
  const { videoWidth: width, videoHeight: height, currentTime } = video;
  if (width === 0 || height === 0) return null;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  return blob && new File([blob], `${name} ${moment(currentTime)}.jpg`, { type: 'image/jpeg' });
}
