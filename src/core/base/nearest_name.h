// "did you mean": the nearest of what there is to what was typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seshat {

// The candidate nearest to `typed`, without regard to case: at most a third of its letters wrong, missing,
// added or exchanged (at least one, so that "idnex" finds "index"). Empty where none is that near.
std::string Nearest(std::string_view typed, const std::vector<std::string>& candidates);

// "; did you mean 'status'?", or an empty text.
std::string DidYouMean(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace seshat
