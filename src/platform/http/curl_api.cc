#include "platform/http/curl_api.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace seshat::http {
namespace {

// The name that libcurl has had since 2006; a change of its interface would change it.
constexpr const char* kLibrary = "libcurl.so.4";

std::string LoaderError() {
  const char* text = dlerror();  // NOLINT(concurrency-mt-unsafe): each thread has its own
  return text == nullptr ? "" : text;
}

}  // namespace

Result<CurlApi> LoadCurlFrom(const char* file) {
  void* const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  const auto failed = [&] {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("servers cannot be reached without libcurl 7.88 or newer ({}): install it (Debian: "
                            "libcurl4)",
                            LoaderError()));
  };
  if (library == nullptr) return failed();
  CurlApi api;
  const auto find = [&]<typename Function>(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
  };
  const bool complete = find("curl_global_init_mem", api.global_init_mem) && find("curl_easy_init", api.easy_init) &&
                        find("curl_easy_cleanup", api.easy_cleanup) && find("curl_easy_setopt", api.easy_setopt) &&
                        find("curl_easy_getinfo", api.easy_getinfo) && find("curl_easy_pause", api.easy_pause) &&
                        find("curl_easy_strerror", api.easy_strerror) && find("curl_multi_init", api.multi_init) &&
                        find("curl_multi_cleanup", api.multi_cleanup) && find("curl_multi_setopt", api.multi_setopt) &&
                        find("curl_multi_add_handle", api.multi_add_handle) &&
                        find("curl_multi_remove_handle", api.multi_remove_handle) &&
                        find("curl_multi_socket_action", api.multi_socket_action) &&
                        find("curl_multi_info_read", api.multi_info_read);
  if (!complete) return failed();
  return api;
}

const Result<CurlApi>& LoadCurl() {
  // Never destroyed: a client may end after main.
  static const auto* const loaded = new Result<CurlApi>(LoadCurlFrom(kLibrary));
  return *loaded;
}

}  // namespace seshat::http
