/** Ignores case, spaces, points, hyphens and accents. */
export const plainName = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Names of columns of phone numbers in some languages. A customer number is not one. */
const PHONES =
  /^(recipient|customer|contact|client|caller|lead|user|patient|guest|business|work|home|private|primary|main|my)?((tele)?phone|mobile(phone)?|cell(phone|ular)?|celular|movil|tel|telef(on|ono|one)|mobil(telefon)?|handy|portable|ruf|msisdn|whatsapp|e164)(numbers?|no|num|nr|nummer|numero)?(e164|home|work|mobile)?\d?$/;
const OTHER_PHONES = new Set(
  [
    'telefono movil,numero di telefono,cellulare,telefoonnummer,puhelinnumero,电话,电话号码,手机',
    '手机号,手机号码,電話,電話番号,携帯電話,携帯番号,전화,전화번호,휴대폰,휴대폰 번호,телефон',
    'номер телефона,мобильный,τηλέφωνο,κινητό,טלפון,נייד,هاتف,رقم الهاتف,جوال',
  ].flatMap((line) => line.split(',').map(plainName)),
);
/** Weaker names, for files in which no column has a better one. */
const NUMBERS =
  /^(recipient|contact|caller)?(numbers?|nummer|numero)$|^recipients?$|^(numero|num)(de)?(telephone|telefono|celular|movil|portable)$|^numerodetelefone$/;

export function numberNameRank(name: string): 0 | 1 | 2 {
  const plain = plainName(name);
  if (PHONES.test(plain) || OTHER_PHONES.has(plain)) return 2;
  return NUMBERS.test(plain) ? 1 : 0;
}

export const isNumberName = (name: string): boolean => numberNameRank(name) > 0;
