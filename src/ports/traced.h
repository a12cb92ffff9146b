// Traced: a part of some work in a span of its own, which ends with it and notes its error.
#pragma once

#include <utility>

#include "ports/span.h"

namespace seshat {

// `work` takes Span& and answers a Result, a Status, or anything else that has error().
template <typename Work>
auto Traced(Span span, Work work) {
  auto result = work(span);
  if (!result) span.SetError(result.error());
  return result;
}

}  // namespace seshat
