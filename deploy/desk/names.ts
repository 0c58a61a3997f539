import type { Random } from '@presage/models/random/random'
import { pick } from './draw.js'

/** Words of plants, weather and the sky for names, so that nobody is meant. */
const WORDS: readonly { first: string; last: string }[] = [
  {
    first: 'Amber Basil Clover Comet Fern Hazel Juniper Maple Pebble Saffron Sorrel Thistle',
    last: 'Bramblewick Cloudberry Dewfall Fogbottom Lanternwood Moonpenny Nettlefold Quillfeather Raincote Snowdrift Thornapple Windlestraw',
  },
  {
    first: 'Ромашка Звёздочка Росинка Берёзка Снежинка Капель Зорька Тучка Рябинка Василёк',
    last: 'Облако Самовар Туманова Незабудкин Ледоход Полынь Радуга Чернозём Метелица Подснежник',
  },
  {
    first: 'Αστέρι Θάλασσα Ανεμώνη Δροσιά Κύμα Βροχή Φεγγάρι Αύρα',
    last: 'Συννεφάκης Θυμαρίδης Κεραυνός Χιονάτος Μελισσάκης Ελαιώνας Λιακάδας Πεύκος',
  },
  { first: '小溪 月光 青石 白露 晨星 細雨 春風 明霞', last: '雲 竹 松 雪 梅 霧 泉 嵐' },
  {
    first: 'そら つき もり なみ ひかり しずく こはる あさひ',
    last: 'あまのがわ はるかぜ ゆきどけ ほしぞら こもれび あさぎり',
  },
  { first: '구름 별님 이슬 노을 바다 하늬 새벽 가람', last: '무지개 달빛 햇살 솔바람 은하수 첫눈' },
  {
    first: 'نجمة غيمة ندى موجة نسيم زهرة ياسمين شفق',
    last: 'القمري البحري السحابي الربيعي الصنوبري الضبابي',
  },
  { first: 'כוכב ענן טל גל רוח ארז שקד זוהר', last: 'ירחי הגשמי סתווני אורני השלגי בוקרי' },
  { first: 'तारा बादल ओस लहर किरण वर्षा चाँदनी सागर', last: 'इंद्रधनुष पवनपुत्र हिमकण वनफूल मेघराज' },
  {
    first: 'ვარსკვლავი ნამი ტალღა ნიავი წვიმა ყვავილი',
    last: 'ღრუბელიძე მთვარაძე ნისლაშვილი თოვლიძე',
  },
]

const alphabets = WORDS.map(({ first, last }) => ({
  first: first.split(' '),
  last: last.split(' '),
}))

/** Of ten people three have a middle name. */
const WITH_MIDDLE_NAME = 0.3

/** A name that is plainly invented, in one of ten alphabets. */
export function drawName(random: Random) {
  const { first, last } = pick(alphabets, random)
  const middle = random() < WITH_MIDDLE_NAME ? pick(first, random) : null
  return { firstName: pick(first, random), middleName: middle, lastName: pick(last, random) }
}
