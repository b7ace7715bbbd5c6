// What makes the console quicker for those who have JavaScript. Nothing but a passkey depends on it.
"use strict";
