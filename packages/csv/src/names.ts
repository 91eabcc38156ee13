/** A name as people write it: in any case, with or without spaces, points, hyphens and accents. */
export const plainName = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** What columns of phone numbers are called, in some languages. A customer's number is none. */
const PHONES =
  /^(recipient|customer|contact|client|caller|lead|user|patient|guest|business|work|home|private|primary|main|my)?((tele)?phone|mobile(phone)?|cell(phone|ular)?|celular|movil|tel|telef(on|ono|one)|mobil(telefon)?|handy|portable|ruf|msisdn|whatsapp|e164)(numbers?|no|num|nr|nummer|numero)?(e164|home|work|mobile)?\d?$/;
const OTHER_PHONES = new Set(
  [
    'telefono movil,numero di telefono,cellulare,telefoonnummer,puhelinnumero,电话,电话号码,手机',
    '手机号,手机号码,電話,電話番号,携帯電話,携帯番号,전화,전화번호,휴대폰,휴대폰 번호,телефон',
    'номер телефона,мобильный,τηλέφωνο,κινητό,טלפון,נייד,هاتف,رقم الهاتف,جوال',
  ].flatMap((line) => line.split(',').map(plainName)),
);
/** What they are also called, if no other column has a better name. */
const NUMBERS =
  /^(recipient|contact|caller)?(numbers?|nummer|numero)$|^recipients?$|^(numero|num)(de)?(telephone|telefono|celular|movil|portable)$|^numerodetelefone$/;

/** Whether a column may hold phone numbers, by its name: 2 if it must mean that, 1 if it may, else 0. */
export function numberNameRank(name: string): 0 | 1 | 2 {
  const plain = plainName(name);
  if (PHONES.test(plain) || OTHER_PHONES.has(plain)) return 2;
  return NUMBERS.test(plain) ? 1 : 0;
}

export const isNumberName = (name: string): boolean => numberNameRank(name) > 0;
