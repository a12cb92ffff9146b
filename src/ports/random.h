// Random: unpredictable bytes from outside. Adapters: adapters/system (getrandom); tests/support has a seeded
// one. Thread-safe.
#pragma once

#include <string>

#include "core/base/bytes.h"
#include "core/base/trace_context.h"

namespace seshat {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(MutableByteSpan out) = 0;
};

// 32 lower-case hexadecimal digits: event ids, nonces, agent ids.
std::string RandomId(Random& random);
TraceContext NewTrace(Random& random);
TraceContext ChildSpan(Random& random, const TraceContext& parent);
// Uniform in [0, 1).
double RandomUnit(Random& random);

}  // namespace seshat
