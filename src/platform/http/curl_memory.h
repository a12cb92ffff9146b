// libcurl's memory: large blocks are kept for the next request.
//
// libcurl 7.88 takes its upload and receive buffers anew for every request and gives them back after it. Blocks of that
// size come from the kernel as fresh zeroed pages: measured, a third of the CPU time of a 100 KiB PUT.
#pragma once

#include "core/base/error.h"

namespace seshat::http {

// Loads and starts libcurl, once for the process and thread-safe. kUnsupported: it is not there (curl_api.h);
// kResourceExhausted: there is no memory.
Status StartCurl();

}  // namespace seshat::http
