package audit

import . "strings" // want "without its name"
