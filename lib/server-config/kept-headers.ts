/** Headers of the app's answer that nginx and Caddy forget unless they are told to keep them. */
export const KEPT_HEADERS = [
  'Content-Security-Policy',
  'X-Content-Type-Options',
  'Access-Control-Allow-Origin',
  'Access-Control-Allow-Credentials',
  'Access-Control-Expose-Headers',
  'Cross-Origin-Resource-Policy',
  'Referrer-Policy',
  'Strict-Transport-Security',
  'Vary',
  'X-Frame-Options',
];
