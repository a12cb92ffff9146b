// JSON that may be looked at: machine formats end on terminals too.
#pragma once

#include <string>
#include <string_view>

namespace seshat {

// The same JSON, with every character that is unsafe on a terminal (terminal_safety.h) written as \uXXXX. `json` is
// valid JSON, in which such characters stand inside strings only; the values it tells are unchanged. Blanks and line
// feeds between the tokens stay. Thread-safe.
std::string EscapeControlsInJson(std::string_view json);

}  // namespace seshat
