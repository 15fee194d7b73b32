const part = (name: string, value: string, more = '') =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
const file = (name: string, more = '') => part('file', 'some text', `; filename="${name}"${more}`)
const TYPE = 'multipart/form-data; boundary=b'

/** A form that is none, or an odd one. */
export interface OddForm {
  readonly label: string
  readonly type: string
  readonly body: Buffer
}

/** Forms cut, nested, misnamed, too many, too long, and with boundaries that are none. */
export function oddForms(): OddForm[] {
  const whole = `${file('a.txt')}--b--\r\n`
  const cut = Array.from({ length: 24 }, (_, index) =>
    whole.slice(0, Math.floor((whole.length * index) / 24)),
  )
  const types = [
    ...[
      'multipart/form-data',
      'multipart/form-data;',
      'multipart/form-data; boundary',
      'multipart/form-data; boundary=',
    ],
    ...[
      'multipart/form-data; boundary=""',
      `multipart/form-data; boundary=${'b'.repeat(1_000)}`,
      'multipart/form-data; boundary=c',
    ],
    ...[
      'multipart/form-data; boundary=b; boundary=c',
      'multipart/form-data; boundary=b\xff',
      'multipart/mixed; boundary=b',
    ],
    ...[
      'multipart/form-data; boundary="b',
      'Multipart/Form-Data; Boundary=b',
      'multipart/related; boundary=b',
      'multipart/; boundary=b',
    ],
    ...[
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/octet-stream',
      'application/json',
      'a',
      '/',
      ';',
      '\xff',
    ],
  ]
  const names = [
    ...[
      '__proto__',
      '__proto__.polluted',
      'constructor[prototype][polluted]',
      'file[]',
      'file[0]',
      'a[b][c]',
      `a${'[b]'.repeat(1_000)}`,
    ],
    ...[
      '',
      ' ',
      'projectId',
      'x'.repeat(10_000),
      '\xff',
      'a\0b',
      '"',
      'name"; filename="x',
      '../../x',
      'toString',
      '$where',
    ],
  ]
  const files = [
    ...[
      '',
      '.',
      '..',
      '../../etc/passwd',
      '..\\..\\x',
      'a\0.txt',
      'x'.repeat(5_000),
      'CON',
      'a/b',
      'C:\\x',
      '\xff\xfe',
      '.htaccess',
    ],
    ...['%00', '%2e%2e%2f', '<script>.svg', 'a.txt\r\nX: y', '"', ';', 'a;b', '\u202etxt.exe'],
  ]
  const bodies: readonly (readonly [string, string])[] = [
    ['no final boundary', file('a.txt')],
    ['nothing', ''],
    ['only the end', '--b--\r\n'],
    ['bare line feeds', whole.replaceAll('\r\n', '\n')],
    ['a preamble', `preamble\r\n${whole}`],
    ['an epilogue', `${whole}epilogue`],
    ['two files', `${file('a.txt')}${file('b.txt')}--b--\r\n`],
    [
      'three files of other names',
      `${part('a', 'x', '; filename="a"')}${part('b', 'y', '; filename="b"')}${whole}`,
    ],
    ['no file', `${part('projectId', 'x')}--b--\r\n`],
    ['a file without name', `${part('file', 'x')}--b--\r\n`],
    ['filename*', `${part('file', 'x', `; filename*=UTF-8''%e2%82%ac.txt`)}--b--\r\n`],
    ['filename* that is wrong', `${part('file', 'x', `; filename*=utf-9'en'%zz`)}--b--\r\n`],
    ['no disposition', `--b\r\n\r\nx\r\n--b--\r\n`],
    ['another disposition', `--b\r\nContent-Disposition: attachment; name="file"\r\n\r\nx\r\n--b--\r\n`],
    ['a part header of 100 KB', `--b\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\nx\r\n--b--\r\n`],
    ['500 part headers', `--b\r\n${'X-A: b\r\n'.repeat(500)}\r\nx\r\n--b--\r\n`],
    ['2,000 parts', `${part('a', 'x').repeat(2_000)}--b--\r\n`],
    ['2,000 files', `${file('a').repeat(2_000)}--b--\r\n`],
    ['a field of 200 KB', `${part('projectId', 'x'.repeat(200_000))}${whole}`],
    ['base64', `${part('file', 'eA==', '; filename="a"\r\nContent-Transfer-Encoding: base64')}--b--\r\n`],
    [
      'a form in a form',
      `--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n`,
    ],
    ['boundaries in the file', `${part('file', '--b\r\n--b--', '; filename="a"')}--b--\r\n`],
    [
      'a charset of its own',
      `${part('projectId', 'x', '\r\nContent-Type: text/plain; charset=utf-7')}${whole}`,
    ],
    ['a type that is none', `${file('a.txt', '\r\nContent-Type: ////')}--b--\r\n`],
    ['a type of 10 KB', `${file('a.txt', `\r\nContent-Type: ${'a'.repeat(10_000)}`)}--b--\r\n`],
    ['JSON', '{"file":"x"}'],
  ]
  const latin1 = (text: string) => Buffer.from(text, 'latin1')
  return [
    ...bodies.map(([label, body]) => ({ label, type: TYPE, body: latin1(body) })),
    ...cut.map((body, index) => ({ label: `cut after ${index} of 24`, type: TYPE, body: latin1(body) })),
    ...types.map((type) => ({ label: 'a type', type, body: latin1(whole) })),
    ...names.map((name) => ({ label: 'a name', type: TYPE, body: latin1(`${part(name, 'x')}${whole}`) })),
    ...files.map((name) => ({ label: 'a file name', type: TYPE, body: latin1(`${file(name)}--b--\r\n`) })),
  ]
}
