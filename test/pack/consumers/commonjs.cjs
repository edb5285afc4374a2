const { trial } = require('./trial.mjs');
const recurra = require('recurra');

trial(recurra).then(console.log);
