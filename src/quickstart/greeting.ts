/**
 * A program for Linux that writes a text and ends, made without a compiler: an image whose one file it is
 * runs anywhere, and a machine on which nothing is installed can make it.
 */

/** In Go's words, as images name them. */
export type Architecture = 'amd64' | 'arm64';

/** Makes the program's code; the text stands right after it. */
const CODE: Readonly<Record<Architecture, (length: number) => Uint8Array>> = {
  amd64: (length) =>
    Buffer.concat([
      Buffer.from('b801000000', 'hex'), // mov eax, 1: write
      Buffer.from('bf01000000', 'hex'), // mov edi, 1: standard output
      Buffer.from('488d3510000000', 'hex'), // lea rsi, [rip + 16]: the text
      Buffer.from('ba', 'hex'), // mov edx, length
      uint32(length),
      Buffer.from('0f05', 'hex'), // syscall
      Buffer.from('b83c000000', 'hex'), // mov eax, 60: exit
      Buffer.from('31ff', 'hex'), // xor edi, edi: with 0
      Buffer.from('0f05', 'hex'), // syscall
    ]),
  arm64: (length) =>
    Buffer.concat(
      [
        0xd2_80_00_20, // mov x0, 1: standard output
        0x10_00_00_e1, // adr x1, . + 28: the text
        0xd2_80_00_02 | (length << 5), // mov x2, length
        0xd2_80_08_08, // mov x8, 64: write
        0xd4_00_00_01, // svc 0
        0xd2_80_00_00, // mov x0, 0
        0xd2_80_0b_a8, // mov x8, 93: exit
        0xd4_00_00_01, // svc 0
      ].map(uint32),
    ),
};

const MACHINE: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };
const HEADER_SIZE = 64;
const SEGMENT_SIZE = 56;
/** Where it is loaded: the usual place, which nothing else takes in an empty process. */
const ADDRESS = 0x40_00_00;
/** Of pages, on every system that runs these. */
const ALIGNMENT = 0x1_00_00;
/** What a `mov` of arm64 takes as it stands. */
const TEXT_MAX = 0xff_ff;

/** An ELF file of one segment that can be read and executed. */
export function greetingProgram(text: string, architecture: Architecture): Uint8Array {
  const bytes = Buffer.from(text);
  if (bytes.length > TEXT_MAX) {
    throw new Error(`The text may have ${TEXT_MAX} bytes.`);
  }
  const content = Buffer.concat([CODE[architecture](bytes.length), bytes]);
  const size = HEADER_SIZE + SEGMENT_SIZE + content.length;
  return Buffer.concat([elfHeader(architecture), segment(size), content]);
}

function elfHeader(architecture: Architecture): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.write('\u007FELF', 'latin1');
  header.set([2, 1, 1], 4); // 64 bits, little-endian, version 1
  header.writeUInt16LE(2, 16); // a program
  header.writeUInt16LE(MACHINE[architecture], 18);
  header.writeUInt32LE(1, 20); // version
  header.writeBigUInt64LE(BigInt(ADDRESS + HEADER_SIZE + SEGMENT_SIZE), 24); // where it begins
  header.writeBigUInt64LE(BigInt(HEADER_SIZE), 32); // where the segments are listed
  header.writeUInt16LE(HEADER_SIZE, 52);
  header.writeUInt16LE(SEGMENT_SIZE, 54);
  header.writeUInt16LE(1, 56); // one segment
  return header;
}

function segment(size: number): Buffer {
  const header = Buffer.alloc(SEGMENT_SIZE);
  header.writeUInt32LE(1, 0); // to be loaded
  header.writeUInt32LE(5, 4); // to be read and executed
  header.writeBigUInt64LE(BigInt(ADDRESS), 16);
  header.writeBigUInt64LE(BigInt(ADDRESS), 24);
  header.writeBigUInt64LE(BigInt(size), 32);
  header.writeBigUInt64LE(BigInt(size), 40);
  header.writeBigUInt64LE(BigInt(ALIGNMENT), 48);
  return header;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
