package model

import "pazpaz/internal/audit" // want "table of rooms"
