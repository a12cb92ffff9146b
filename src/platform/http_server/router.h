// Which handler answers which method and path.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/http_server/request.h"
#include "platform/http_server/response.h"

namespace seshat::http_server {

// What it throws becomes a 500.
using Handler = std::function<Response(const Request&)>;

enum class Runs {
  kOnHandlerThread,  // one of several, so that it may take its time
  kAtOnce,           // on the server's own thread: answered although all handler threads are busy. Must not wait
};

// Patterns are paths in which a segment can have a name: "/api/v1/sessions/{id}". It matches one segment that is not
// empty, "." or "..". A last segment "{rest...}" matches one or more, joined by '/'. Where several patterns fit, the
// one with the earlier fixed segment counts.
class Router {
 public:
  // kInvalidArgument: the pattern is none, or is there already with this method. Not thread-safe; before the server starts.
  Status Add(std::string_view method, std::string_view pattern, Handler handler, Runs runs = Runs::kOnHandlerThread);

  struct Match {
    const Handler* handler = nullptr;  // null: see allow
    Runs runs = Runs::kOnHandlerThread;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string allow;  // "GET, HEAD, OPTIONS": what the path can do; empty where there is no such path
  };
  // A GET handler serves HEAD too. Thread-safe.
  Match Find(std::string_view method, const std::vector<std::string>& segments) const;

 private:
  struct Part {
    enum class Kind { kFixed, kNamed, kRest };  // from the strongest
    Kind kind;
    std::string text;
  };
  struct Route {
    std::string method;
    std::vector<Part> parts;
    Handler handler;
    Runs runs;
  };

  static Result<std::vector<Part>> Parse(std::string_view pattern);
  static bool Fits(const Route& route, const std::vector<std::string>& segments);
  static bool SameShape(const std::vector<Part>& a, const std::vector<Part>& b);
  static bool Stronger(const Route& a, const Route& b);
  static std::string Allow(const std::vector<const Route*>& routes);

  std::vector<Route> routes_;
};

}  // namespace seshat::http_server
