// The published sjcl package as the vendor's web client would use it, plus SHA-1, which its build leaves out.

const fs = require('node:fs');
const path = require('node:path');
const sjcl = require('sjcl');

const sha1 = path.join(path.dirname(require.resolve('sjcl')), 'core', 'sha1.js');
new Function('sjcl', fs.readFileSync(sha1, 'utf8'))(sjcl);

module.exports = sjcl;
