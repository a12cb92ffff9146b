// libcurl, loaded when the first client is made and not when the program starts.
//
// Debian's libcurl brings 28 further libraries (LDAP, Kerberos, GnuTLS, RTMP, SSH …). Loading and relocating them took
// more time and memory than a whole search of a local index.
#pragma once

#include <curl/curl.h>

#include "core/base/error.h"

namespace seshat::http {

// The functions that are used, with the types that libcurl's header gives them.
struct CurlApi {
  decltype(&::curl_global_init_mem) global_init_mem = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_pause) easy_pause = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&::curl_multi_setopt) multi_setopt = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_socket_action) multi_socket_action = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
};

// The library of that file name, which stays loaded. kUnsupported: it is not there, or lacks a function.
Result<CurlApi> LoadCurlFrom(const char* file);

// libcurl as everything here uses it, loaded by the first call, for the process; thread-safe. A failure stays.
const Result<CurlApi>& LoadCurl();

// The same, for those who know that LoadCurl succeeded: whoever has a client.
inline const CurlApi& Curl() { return *LoadCurl(); }

}  // namespace seshat::http
