package model // want "does not need"
