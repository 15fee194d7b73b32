/** What breaks importers: quoting, line ends, scripts of every kind, text that other programs would run. */
const NASTY = [
  'plain',
  'with, comma',
  'with "quotes" and ""doubled"" ones',
  'two\nlines',
  'two\r\nlines as Windows writes them',
  '=HYPERLINK("http://example.com","click")',
  '+1+1',
  "-2+3+cmd|' /C calc'!A0",
  '@SUM(A1:A9)',
  '👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag',
  'e\u0301 is not é',
  '\u202Eright to left\u202C',
  '田中さんにあげて下さい',
  'Ω≈ç√∫˜µ≤≥÷',
  "Robert'); DROP TABLE tasks;--",
  '<script>alert(1)</script>',
  '%_\\ wildcards',
  '  space around  ',
  '\ttab\t',
  '{"json": [1, 2]}',
  'null',
  'NaN',
  '007',
  '1e309',
  '"',
  ',',
]

/** A header and `count` rows; the first column names each, and the text in the others is nasty. */
export function nastyRows(count: number): string[][] {
  const rows = Array.from({ length: count }, (_, index) => {
    const text = NASTY[index % NASTY.length] ?? ''
    const other = NASTY[(index * 7 + 3) % NASTY.length] ?? ''
    return [`${index + 1}. ${text}`, other, index % 5 === 0 ? '' : text]
  })
  return [['requirement', 'with "quotes", and comma', 'note'], ...rows]
}
