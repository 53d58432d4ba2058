export type Theme = 'light' | 'dark' | 'system'

export function currentTheme(): Theme {
  const t = document.documentElement.dataset.theme
  return t === 'light' || t === 'dark' ? t : 'system'
}

export function setTheme(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem('waymeet.theme')
    else localStorage.setItem('waymeet.theme', theme)
  } catch {
    // storage refused: the choice lasts for this visit
  }
  window.dispatchEvent(new Event('waymeet:theme'))
}

/** What is drawn now, for those who draw outside CSS (the map). */
export function isDark(): boolean {
  const t = currentTheme()
  return t === 'dark' || (t === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
}

export function onThemeChange(fn: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)')
  window.addEventListener('waymeet:theme', fn)
  media.addEventListener('change', fn)
  return () => {
    window.removeEventListener('waymeet:theme', fn)
    media.removeEventListener('change', fn)
  }
}
