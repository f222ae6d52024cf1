// Starts the interactive API page. Requests go to this server only, with the cookies of the signed-in browser.
(() => {
  const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

  function csrfToken() {
    const match = /(?:^|;\s*)(?:__Host-)?csrf_token=([^;]+)/.exec(document.cookie);
    return match ? decodeURIComponent(match[1]) : '';
  }

  function prepare(request) {
    request.credentials = 'same-origin';
    const token = csrfToken();
    if (token && !safeMethods.includes((request.method || 'GET').toUpperCase())) {
      request.headers['X-CSRF-Token'] = token;
    }
    return request;
  }

  window.SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#docs',
    deepLinking: true,
    tryItOutEnabled: true,
    persistAuthorization: false,
    validatorUrl: null,
    requestInterceptor: prepare,
  });
})();
