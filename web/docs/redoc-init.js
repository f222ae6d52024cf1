// Starts the reading view of the API document, with the fonts of the machine and no logo from elsewhere.
(() => {
  const font = 'system-ui, "Segoe UI", Roboto, Arial, sans-serif';
  const options = {
    hideLogo: true,
    hideDownloadButton: false,
    theme: {
      colors: { primary: { main: '#0f766e' } },
      typography: {
        fontFamily: font,
        headings: { fontFamily: font },
        code: { fontFamily: 'ui-monospace, Consolas, monospace' },
      },
    },
  };
  window.Redoc.init('/openapi.json', options, document.getElementById('docs'));
})();
