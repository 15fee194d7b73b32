import type { Random } from '../../faults/random.ts'

/** Documents to spoil: what calls are made of, and every kind of value. */
const DOCUMENTS: readonly string[] = [
  '{"id":"12345678-1234-4234-8234-123456789012"}',
  '{"projectId":"x","title":"a \\"b\\" \\u00e9 \\\\","priority":2,"tags":[1,2.5,-3e4,true,false,null]}',
  '{"0":{"a":{"b":[]}},"1":{}}',
  '[{"a":1},[],"",0]',
  '"text"',
  '-0.5e-10',
  'null',
]

/** Texts as they are, each for a rule of RFC 8259 that parsers get wrong. */
const TEXTS: readonly string[] = [
  ...['', ' ', '\n', '\t\r\n ', '\f{}', '\v{}', '\u00a0{}', '\u2028{}', '\ufeff{}', '{}\ufeff', '\0', '{}\0'],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '{]',
    '[}',
    '{"a"',
    '{"a":',
    '{"a":1',
    '["a"',
    '[1',
    '[,',
    '[1,',
    '[1,]',
  ],
  ...[
    '{,}',
    '{"a":1,}',
    '[,1]',
    '[1,,2]',
    '{"a"::1}',
    '{"a":1:2}',
    '{"a" "b"}',
    '{1:1}',
    '{null:1}',
    '{a:1}',
  ],
  ...[
    "{'a':1}",
    "'a'",
    '{"a":"b}',
    '"\\',
    '"\\x41"',
    '"\\u"',
    '"\\u12"',
    '"\\u12G4"',
    '"\\U0041"',
    '"\\\'"',
    '"\t"',
  ],
  ...['"\n"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\uD83D"'],
  ...[
    '01',
    '-01',
    '+1',
    '.5',
    '5.',
    '-',
    '--1',
    '1e',
    '1e+',
    '1e1.5',
    '1.e1',
    '0x1F',
    '0b1',
    '1_000',
    '1,000',
    '-.5',
  ],
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    'nan',
    'undefined',
    'True',
    'FALSE',
    'nul',
    'nulll',
    'none',
    'None',
    'new Date()',
  ],
  ...[
    '1e400',
    '-1e400',
    '1e-400',
    '9007199254740993',
    '123456789012345678901234567890',
    '0e0',
    '-0',
    '1E+2',
    '0.1e-9',
  ],
  ...[
    '{}{}',
    '{} {}',
    '1 2',
    '[] []',
    '{}//',
    '{}/* */',
    '/**/{}',
    '#\n{}',
    '<!-- -->{}',
    '{"a":1}}',
    '[1]]',
    '(1)',
    '{}; ',
  ],
  ...[
    '{"a":1,"a":2}',
    '{"":1}',
    '{"a":{},"a":[]}',
    '{"__proto__":1,"__proto__":2}',
    '{"\\u0061":1,"a":2}',
    '{"a\\u0000":1}',
  ],
  ...[
    '<xml/>',
    'a=b&c=d',
    '--x\r\n',
    '%7B%7D',
    '\u001b[31m{}',
    '{"a":1}\u001a',
    '\ud83d\ude00',
    'abc',
    '*',
    '@',
    '\\u007b\\u007d',
  ],
]

const SPOILERS = [...'{}[]",:\\\'/0-.eE+ \0\n\t\u001f\u007f\u00ff\u2028'] as const

/** Bytes that are no UTF-8, or another encoding of Unicode. */
function oddBytes(document: string): Buffer[] {
  const utf16 = Buffer.from(document, 'utf16le')
  return [
    Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    Buffer.from(utf16).swap16(),
    Buffer.from('{"a":"\xff\xfe\xc0\xae\xed\xa0\x80"}', 'latin1'),
    Buffer.from('{"a":"\xe2\x28\xa1\xf0\x28\x8c\xbc\xf8"}', 'latin1'),
    Buffer.from('"\xc3', 'latin1'),
    Buffer.from([0x00, 0x7b, 0x00, 0x7d]),
    Buffer.from([0x2b, 0x2f, 0x76, 0x38]),
  ]
}

/** Deep, wide and long ones, open-ended where that is what a parser recurses on. */
function bigTexts(): string[] {
  return [
    '['.repeat(100_000),
    '{"a":'.repeat(30_000),
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    `[${'0,'.repeat(60_000)}0]`,
    `"${'\\u0061'.repeat(30_000)}"`,
    `${'1'.repeat(100_000)}`,
    `0.${'0'.repeat(100_000)}1`,
    `${' '.repeat(200_000)}{}`,
    `{${Array.from({ length: 15_000 }, (_, index) => `"${index}":{}`).join()}}`,
  ]
}

/**
 * JSON texts that are malformed, or odd and right, in the spirit of https://github.com/nst/JSONTestSuite: all of the
 * lists above, and documents with bytes cut, doubled, put in and changed until there are `count`.
 */
export function jsonTexts(count: number, random: Random): Buffer[] {
  const fixed = [
    ...TEXTS.map((text) => Buffer.from(text)),
    ...DOCUMENTS.flatMap(oddBytes),
    ...bigTexts().map((text) => Buffer.from(text)),
  ]
  const spoilt = Array.from({ length: Math.max(0, count - fixed.length) }, () => Buffer.from(spoil(random)))
  return [...fixed, ...spoilt].slice(0, Math.max(count, 0))
}

function spoil(random: Random): string {
  let text = random.pick(DOCUMENTS)
  for (let turn = random.between(1, 3); turn > 0; turn -= 1) {
    const at = random.between(0, text.length)
    const to = random.between(at, text.length)
    text = random.pick([
      () => text.slice(0, at),
      () => text.slice(at),
      () => text.slice(0, at) + text.slice(to),
      () => text.slice(0, at) + random.pick(SPOILERS) + text.slice(at),
      () => text.slice(0, at) + random.pick(SPOILERS) + text.slice(at + 1),
      () => text.slice(0, to) + text.slice(at),
      () => text.slice(0, at) + random.pick(TEXTS) + text.slice(at),
    ])()
  }
  return text
}

/** Whether a body of these bytes is JSON, read as servers read it. */
export function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'))
    return true
  } catch {
    return false
  }
}
