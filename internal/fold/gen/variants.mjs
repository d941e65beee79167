// Writes ../variants.txt, the characters that the fold `variant` takes for others:
// traditional for simplified, and look-alikes for what they look like.
//
//   cd internal/fold/gen && npm install && node variants.mjs > ../variants.txt
//
// A line is the character that stays, a tab, and all that become it. Sources:
// opencc-js (traditional, with the variants of Taiwan and Hong Kong), Unicode's
// compatibility forms as node has them (NFKC, NFD), and the lists below.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Converter } from 'opencc-js'

const table = new Map()
const code = (c) => c.codePointAt(0)
const one = (s) => [...s].length === 1
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i))
const add = (from, to) => {
  if (from !== to && !table.has(from)) table.set(from, to)
}
const each = (froms, tos) => [...froms].forEach((c, i) => add(c, [...tos][i]))

// What simplified Chinese itself writes with: what only Taiwan and Hong Kong take
// for a variant stays as it is when it is one of these.
const gbk = new TextDecoder('gbk')
const simplified = new Set()
for (let hi = 0xb0; hi <= 0xf7; hi++) {
  for (let lo = 0xa1; lo <= 0xfe; lo++) simplified.add(gbk.decode(new Uint8Array([hi, lo])))
}

// Lists by hand. Each only has what is hardly ever meant as itself in a chat.
const latin = {
  // Cyrillic
  a: 'АаӐӑ', b: 'Вв', c: 'Сс', d: 'ԁ', e: 'ЕеЁё', g: 'ԌԍɡɢɠĠ', h: 'НнҺһʜᏂ', i: 'ІіЇїӀıɪⵏ', j: 'Јј', k: 'Кк', m: 'Мм', n: 'ɴո',
  o: 'Оо', p: 'Рр', q: 'Ԛԛզ', r: 'ʀ', s: 'Ѕѕꜱ', t: 'Тт', u: 'ս', v: 'Ѵѵᴠⴸ', w: 'ԜԝѠѡᴡɯ', x: 'Хх᙮', y: 'УуҮүʏ', z: 'ᴢ', l: 'ʟӏ',
}
const greek = { a: 'Ααά', b: 'Ββ', e: 'Εε', h: 'Ηη', i: 'Ιι', k: 'Κκ', m: 'Μμ', n: 'Ν', o: 'Οοό', p: 'Ρρ', t: 'Ττ', u: 'υ', v: 'ν', w: 'ωΩ', x: 'Χχ', y: 'Υ', z: 'Ζζ' }
const small = { a: 'ᴀɑ', b: 'ʙ', c: 'ᴄ', d: 'ᴅđĐ', e: 'ᴇ', f: 'ꜰƒ', j: 'ᴊ', k: 'ᴋ', l: 'łŁ', m: 'ᴍ', o: 'ᴏøØ', p: 'ᴘ', q: 'ꞯ', t: 'ᴛ', u: 'ᴜ', x: 'ⅹ' }
for (const list of [latin, greek, small]) {
  for (const [to, froms] of Object.entries(list)) for (const c of froms) add(c, c === c.toLowerCase() ? to : to.toUpperCase())
}
for (const c of '+➕✚✙✛✜⊕⨁🞢🞣') add(c, '加')
for (const c of '➖') add(c, '-')
for (const [to, froms] of Object.entries({
  微: '薇溦嶶癓霺矀覹', 信: '伩訫', 群: '羣', 钱: '💰', 口: '囗', 扣: '釦', 你: '妳', 他: '怹', 它: '牠', 秘: '㊙', 裸: '躶', 日: '曰', 私: '厶', 值: '値',
})) for (const c of froms) add(c, to)
each('⺀⺅⺈⺊⺌⺍⺕⺗⺘⺝⺟⺠⺡⺢⺣⺤⺨⺩⺬⺭⺮⺶⺷⺼⺾⺿⻀⻁⻃⻄⻅⻆⻈⻉⻊⻋⻌⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳',
  '冫亻刀卜小小彐心扌月母民氵水灬爪犭王示礻竹羊羊月艹艹艹虎西西见角讠贝足车辶阝钅长长长门阝雨青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟')
const letters = range(0x61, 0x7a), digits = range(0x31, 0x39)
for (const [from, to] of [
  [0x1f130, letters], [0x1f150, letters], [0x1f170, letters], [0x1f1e6, letters], [0x249c, letters],
  [0x2776, digits], [0x2780, digits], [0x278a, digits], [0x24f5, digits], [0x2474, digits], [0x2488, digits],
  [0x3220, [...'一二三四五六七八九十']], [0x3280, [...'一二三四五六七八九十']],
]) to.forEach((c, i) => add(String.fromCodePoint(from + i), c))
each('⓿🄋🄌', '000')

// Compatibility forms of one character, and letters under their marks.
const skipped = (c) => {
  const n = code(c)
  return n < 0xa1 || (n >= 0x1100 && n <= 0x11ff) || (n >= 0x3040 && n <= 0x318f) || (n >= 0xac00 && n <= 0xd7ff) ||
    (n >= 0xd800 && n <= 0xf8ff) || (n >= 0xff00 && n <= 0xffef) || /[\p{Z}\p{C}\p{M}]/u.test(c)
}
for (const c of range(0xa1, 0xd7ff).concat(range(0xf900, 0x2fa1f))) {
  if (skipped(c)) continue
  const flat = c.normalize('NFKC')
  if (flat !== c && one(flat) && !/[\p{Z}\p{M}\p{C}]/u.test(flat)) {
    add(c, flat)
    continue
  }
  const base = [...c.normalize('NFKD')]
  if (base.length > 1 && /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]$/u.test(base[0]) && base.slice(1).every((m) => /\p{M}/u.test(m))) add(c, base[0])
}

// Traditional characters.
const convert = Object.fromEntries(['t', 'tw', 'hk'].map((from) => [from, Converter({ from, to: 'cn' })]))
for (const c of range(0x3400, 0x9fff).concat(range(0x20000, 0x2fa1f))) {
  for (const from of ['t', 'tw', 'hk']) {
    const to = convert[from](c)
    if (to !== c && one(to) && (from === 't' || !simplified.has(c))) {
      add(c, to)
      break
    }
  }
}

// Follow each to its end.
const end = (c) => {
  const way = new Set()
  for (; table.has(c); c = table.get(c)) {
    if (way.has(c)) throw new Error('a circle at ' + c)
    way.add(c)
  }
  return c
}
const lines = new Map()
for (const c of table.keys()) {
  const to = end(c)
  if (!lines.has(to)) lines.set(to, [])
  lines.get(to).push(c)
}
const byCode = (a, b) => code(a) - code(b)
const made = createHash('sha256').update(readFileSync(new URL('variants.mjs', import.meta.url))).update(readFileSync(new URL('package.json', import.meta.url))).digest('hex').slice(0, 16)
console.log(`# Written by gen/variants.mjs ${made} from opencc-js 1.4.2; do not edit.`)
for (const to of [...lines.keys()].sort(byCode)) console.log(to + '\t' + lines.get(to).sort(byCode).join(''))
