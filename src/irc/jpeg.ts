// JPEG. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
import { join, require, requireSize, startsWith, viewOf, type Picture } from "./picture-bytes.js";

export const JPEG_SIGNATURE = [0xff, 0xd8, 0xff];
const MARKER = 0xff;
const SOF_BASELINE = 0xc0;
const SOF_EXTENDED = 0xc1;
const SOF_PROGRESSIVE = 0xc2;
const DHT = 0xc4;
const RST0 = 0xd0;
const RST7 = 0xd7;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;

/** Says how the colors are stored, without which some pictures are drawn in wrong ones. */
const ADOBE = [0x41, 0x64, 0x6f, 0x62, 0x65];
const ADOBE_BYTES = 12;

interface Part {
  readonly bytes: Uint8Array;
  /** Tables that no scan reads are left out: anything may be in them. */
  isRead: boolean;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  /** Which quantization table each component has. */
  readonly quantization: ReadonlyMap<number, number>;
}

export function readJpeg(bytes: Uint8Array): Picture {
  const view = viewOf(bytes);
  const parts: Part[] = [{ bytes: bytes.subarray(0, 2), isRead: true }];
  /** As they are defined by now. */
  const tables = new Map<number, Part>();
  let header: Header | undefined;
  let hasPixels = false;
  let at = 2;
  for (;;) {
    require(bytes[at] === MARKER);
    const marker = view.getUint8(at + 1);
    if (marker === EOI) break;
    const end = at + 2 + view.getUint16(at + 2);
    require(end <= bytes.length && end >= at + 4);
    const data = bytes.subarray(at + 4, end);
    let next = end;
    if (marker === SOF_BASELINE || marker === SOF_EXTENDED || marker === SOF_PROGRESSIVE) {
      require(header === undefined);
      header = jpegHeader(data, marker === SOF_PROGRESSIVE);
    } else if (marker === SOS) {
      require(header !== undefined && data.length === 4 + 2 * (data[0] ?? 0));
      for (const id of tablesOf(data, header)) {
        const table = tables.get(id);
        require(table !== undefined);
        table.isRead = true;
      }
      next = endOfScan(bytes, end);
      hasPixels ||= next > end;
    } else if (marker === DQT || marker === DHT) {
      for (const [id, table] of tablesIn(marker, data)) {
        const part = { bytes: table, isRead: false };
        tables.set(id, part);
        parts.push(part);
      }
      at = end;
      continue;
    } else {
      require(marker === DRI ? data.length === 2 : marker === COM || isApplication(marker));
    }
    parts.push({ bytes: bytes.subarray(at, next), isRead: isDrawn(marker, data) });
    at = next;
  }
  require(header !== undefined && hasPixels && at + 2 === bytes.length);
  parts.push({ bytes: bytes.subarray(at), isRead: true });
  const kept = parts.filter(({ isRead }) => isRead).map((part) => part.bytes);
  const { width, height } = header;
  return { type: "image/jpeg", width, height, bytes: join(kept) };
}

function isDrawn(marker: number, data: Uint8Array): boolean {
  if (marker === APP14) return data.length === ADOBE_BYTES && startsWith(data, ADOBE);
  return marker !== COM && !isApplication(marker);
}

function isApplication(marker: number): boolean {
  return marker >= APP0 && marker <= APP15;
}

function jpegHeader(data: Uint8Array, isProgressive: boolean): Header {
  const view = viewOf(data);
  const [precision, height, width] = [view.getUint8(0), view.getUint16(1), view.getUint16(3)];
  const components = view.getUint8(5);
  requireSize(width, height);
  require(components !== 4, "cmyk");
  require(precision === 8 && (components === 1 || components === 3));
  require(data.length === 6 + 3 * components);
  const quantization = new Map<number, number>();
  for (let at = 6; at < data.length; at += 3)
    quantization.set(view.getUint8(at), view.getUint8(at + 2));
  require(quantization.size === components);
  return { width, height, isProgressive, quantization };
}

const DC = 0;
const AC = 1;

/** What a table is known by: the marker of its segment, then class and number. */
function tableId(marker: number, kind: number, number: number): number {
  return (marker << 8) | (kind << 4) | number;
}

/** The tables that a scan is read with. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.2.3 */
function tablesOf(scan: Uint8Array, { isProgressive, quantization }: Header): Set<number> {
  const [start = 0, , approximation = 0] = scan.subarray(-3);
  // A progressive scan has either kind of coefficients; of the first kind only the first bits are coded by a table.
  const hasDc = !isProgressive || (start === 0 && approximation >> 4 === 0);
  const hasAc = !isProgressive || start > 0;
  const ids = new Set<number>();
  for (let at = 1; at < scan.length - 3; at += 2) {
    const [component = 0, selectors = 0] = scan.subarray(at);
    const quantizer = quantization.get(component);
    require(quantizer !== undefined);
    ids.add(tableId(DQT, 0, quantizer));
    if (hasDc) ids.add(tableId(DHT, DC, selectors >> 4));
    if (hasAc) ids.add(tableId(DHT, AC, selectors & 0xf));
  }
  return ids;
}

/** The tables of a segment, each as a segment of its own. They fill it: there is no room for anything else in it. */
function tablesIn(marker: number, data: Uint8Array): [id: number, segment: Uint8Array][] {
  const tables: [number, Uint8Array][] = [];
  require(data.length > 0);
  for (let at = 0; at < data.length;) {
    const first = data[at] ?? 0;
    const [kind, number] = [first >> 4, first & 0xf];
    require(kind <= 1 && number <= 3);
    if (marker === DHT) require(at + 17 <= data.length);
    const symbols = data.subarray(at + 1, at + 17).reduce((a, b) => a + b, 0);
    const end = at + (marker === DQT ? 1 + 64 * (kind + 1) : 17 + symbols);
    require(end <= data.length);
    const length = end - at + 2;
    const head = Uint8Array.of(MARKER, marker, length >> 8, length & 0xff);
    // Of a quantization table the class says how wide its numbers are.
    const id = tableId(marker, marker === DQT ? 0 : kind, number);
    tables.push([id, join([head, data.subarray(at, end)])]);
    at = end;
  }
  return tables;
}

/** Where the pixels that begin at `start` end: at the next marker that is not one of theirs. */
function endOfScan(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    at = bytes.indexOf(MARKER, at);
    require(at >= 0 && at + 1 < bytes.length);
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && (next < RST0 || next > RST7)) return at;
    at += 2;
  }
}
