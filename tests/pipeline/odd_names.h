// Names as labs have them, and as somebody who wants to do harm would choose them.
#pragma once

#include <cstddef>
#include <string>

#include "pipeline/dice.h"

namespace seshat::testing {

struct OddNameOptions {
  size_t max_path_bytes = 900;  // of the path as a key has it
};

// A clean relative path: no segment is empty, "." or "..", or longer than 255 bytes (Linux's NAME_MAX). Never one that
// a source could take for a session's metadata file, or leaves out for being the agent's own note.
std::string OddPath(Dice& dice, const OddNameOptions& options);

// A directory's name. Most can be session ids; distinct for distinct `number`.
std::string OddSessionName(Dice& dice, size_t number);

// What a processor calls an output: a relative path that a directory can hold.
std::string OddOutputName(Dice& dice);

}  // namespace seshat::testing
