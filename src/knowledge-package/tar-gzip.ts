import { gzipSync } from 'node:zlib';

export interface TarFile {
  /** Path within the archive: ASCII, shorter than 100 characters. */
  name: string;
  text: string;
}

const BLOCK = 512;
/** Where gzip says which system wrote it (RFC 1952); 255 is unknown. */
const GZIP_SYSTEM = 9;
const UNKNOWN_SYSTEM = 255;

/** The files as a compressed archive (POSIX ustar) without time or owner: the same files give the same bytes. */
export function tarGzip(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap(({ name, text }) => {
    const content = Buffer.from(text, 'utf8');
    return [header(name, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))];
  });
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 });
  packed[GZIP_SYSTEM] = UNKNOWN_SYSTEM;
  return packed;
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const fields: [offset: number, text: string][] = [
    [0, name],
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${size.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\0' + '00'],
  ];
  for (const [offset, text] of fields) block.write(text, offset, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
