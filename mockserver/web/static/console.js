// The console's script: reading works without it; it adds acting, live changes and the keyboard.

import "/static/times.js";
import "/static/visits.js";
import "/static/acts.js";
import "/static/answers.js";
import "/static/send.js";
import "/static/import.js";
import "/static/keys.js";
import "/static/live.js";
