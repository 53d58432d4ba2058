/** A text as people type it into a search box: without case, accents and Arabic's optional signs. The server folds names so (`folded` in its schema). */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\p{Mn}ـ]/gu, '')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .toLowerCase()
