const head = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url')

/** `Authorization` headers that open nothing, some of them near misses of `token`. */
export function authorizations(token: string): string[] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const bearers = [
    ...[
      '',
      ' ',
      '.',
      '..',
      '...',
      'null',
      'undefined',
      '[object Object]',
      '0',
      'true',
      '{}',
      '%00',
      '../../etc/passwd',
    ],
    ...[
      "' OR 1=1--",
      '#{7*7}',
      '{{7*7}}',
      '<script>',
      '\xe4\xf6\xfc',
      '\xff\xfe',
      'a b',
      'a,b',
      'a;b',
      '"a"',
      '=',
      '====',
    ],
    ...[
      'x'.repeat(100),
      'x'.repeat(4_000),
      'x'.repeat(12_000),
      'é'.repeat(50),
      '.'.repeat(1_000),
      'a.'.repeat(500),
    ],
    ...[
      `${token}=`,
      `${token}.`,
      `.${token}`,
      `${token}x`,
      token.slice(0, -1),
      token.slice(1),
      token.toUpperCase(),
    ],
    ...[
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
    ],
    ...[`${payload}.${header}.${signature}`, `${header}.${payload}.${'A'.repeat(signature.length)}`],
    ...[
      'none',
      'None',
      'NONE',
      'nOnE',
      'HS256',
      'HS384',
      'HS512',
      'RS256',
      'ES256',
      'EdDSA',
      'dir',
      '',
      'constructor',
    ].map(
      (alg) => `${head({ alg, typ: 'JWT' })}.${payload}.${alg.toLowerCase() === 'none' ? '' : signature}`,
    ),
    ...[
      { kid: '../../dev/null' },
      { kid: "' OR 1=1--" },
      { kid: ['a'] },
      { crit: ['x'] },
      { b64: false },
      { jku: 'http://x' },
    ].map((more) => `${head({ alg: 'HS256', typ: 'JWT', ...more })}.${payload}.${signature}`),
    ...[{}, { sub: 'x' }, { exp: 'never' }, { exp: -1 }, { exp: 1e308 }, { sub: {} }, { sub: null }].map(
      (claims) => `${header}.${head(claims)}.${signature}`,
    ),
    ...[
      'pk_live_x',
      'plinth_x',
      `plinth_${'a'.repeat(40)}`,
      `pln_${'0'.repeat(64)}`,
      `key_${'f'.repeat(64)}`,
    ],
  ]
  const schemes = [
    'Basic',
    'Digest',
    'Token',
    'ApiKey',
    'Negotiate',
    'Bearer:',
    'Bearer,',
    'bearerx',
    'JWT',
    'BEARER\tx',
  ]
  return [
    ...bearers.map((text) => `Bearer ${text}`),
    ...schemes.map((scheme) => `${scheme} ${token}`),
    ...[
      'Bearer',
      'bearer',
      'Basic',
      'Basic YTpi',
      'Basic Og==',
      'Basic !!!',
      token,
      ` ${token}`,
      `Bearer${token}`,
    ],
    ...[
      `Bearer Bearer ${token}`,
      `Bearer "${token}"`,
      `Bearer ${token} ${token}`,
      `Bearer ${token},Bearer ${token}`,
    ],
  ].filter((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text))
}

/** Cookies and other headers that are no credential here, and must not break what reads them. */
export function cookies(): Record<string, string>[] {
  const values = [
    ...[
      '%',
      '%E0%A4%A',
      '%00',
      '"',
      '""',
      '=',
      '==',
      ';',
      ';;;;',
      'a',
      'a=b=c',
      '\xff=\xfe',
      '__proto__=1',
      'toString=x',
    ],
    ...[
      'plinth_refresh=%',
      '__Host-plinth_refresh=%E0',
      'plinth_refresh=',
      'plinth_refresh=a; plinth_refresh=b',
    ],
    ...[Array.from({ length: 700 }, (_, index) => `c${index}=v`).join('; '), `a=${'x'.repeat(8_000)}`],
  ]
  return [
    ...values.map((cookie) => ({ cookie })),
    ...values.slice(0, 8).map((value) => ({ 'x-api-key': value })),
    ...['1', '\xff', 'a'.repeat(1_000)].map((value) => ({ 'x-plinth-cookies': value })),
    ...['{}', '%', 'x'.repeat(2_000)].map((value) => ({ 'x-plinth-bypass': value })),
    ...['00-x-y-z', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-ff`, 'x'.repeat(5_000)].map((traceparent) => ({
      traceparent,
    })),
    ...['a\tb', '../..', 'x'.repeat(5_000), '<script>'].map((id) => ({ 'x-request-id': id })),
    ...['x', '-1', '10.0.0.1, evil, ::1', '[::1', '1'.repeat(3_000)].map((chain) => ({
      'x-forwarded-for': chain,
    })),
    ...['x', 'trpc,rest', '\xff', 'constructor'].map((surface) => ({ 'x-plinth-surface': surface })),
    ...['', ' ', 'x'.repeat(300), '\xff', 'a,b'].map((key) => ({ 'idempotency-key': key })),
    ...['null', 'https://evil.test', 'x', '\xff', 'http://'].map((origin) => ({ origin })),
    ...['*/*', 'text/html', 'x', 'a/b;q=x', ', , ,', 'x'.repeat(3_000)].map((accept) => ({ accept })),
  ]
}
