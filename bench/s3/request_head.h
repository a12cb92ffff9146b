// The head of a request to emulated_s3. It believes its clients: they are ours, and the peers that we measure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace seshat::bench {

uint64_t Number(std::string_view text);  // 0 where it is none

struct Head {
  std::string method;
  std::string path;                            // decoded
  std::string query;                           // as it came
  std::map<std::string, std::string> headers;  // names in lower case

  std::string Header(const std::string& name) const;   // empty where there is none
  std::string Parameter(std::string_view name) const;  // of the query, decoded
  bool Has(std::string_view name) const;               // in the query
  std::string Key() const;                             // the path without the bucket
};

// `text` ends with the CR LF of the last header.
Head ParseHead(std::string_view text);

}  // namespace seshat::bench
