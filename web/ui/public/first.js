;(function () {
  var d = document.documentElement
  try {
    var theme = localStorage.getItem('waymeet.theme')
    if (theme === 'light' || theme === 'dark') d.dataset.theme = theme
    var lang = localStorage.getItem('waymeet.locale') || (navigator.language || 'fr').slice(0, 2)
    if (['fr', 'en', 'ar'].indexOf(lang) < 0) lang = 'fr'
    d.lang = lang
    d.dir = lang === 'ar' ? 'rtl' : 'ltr'
  } catch {
    /* storage can be refused (private windows); the app then starts from the browser's own language */
  }
})()
