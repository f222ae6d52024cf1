import { formatNumber } from '../../lib/format';

const gigabyte = 2 ** 30;
/** What the server takes at most, in gigabytes. */
const most = 10_240;

/** Bytes from a number of gigabytes as a person types it, or nothing when it is none. */
export function gigabytes(text: string): number | undefined {
  const clean = text.trim().replace(',', '.');
  if (!/^\d{1,5}(?:\.\d{1,3})?$/.test(clean) || Number(clean) > most) return undefined;
  return Math.round(Number(clean) * gigabyte);
}

export function bytesText(bytes: number): string {
  if (bytes > 0 && bytes < gigabyte) return `${formatNumber(Math.round(bytes / 2 ** 20))} MB`;
  return `${formatNumber(Math.round((bytes / gigabyte) * 100) / 100)} GB`;
}
