#include "s3/request_head.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "platform/aws/sigv4.h"

namespace seshat::bench {

uint64_t Number(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string Head::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Head::Parameter(std::string_view name) const {
  for (size_t begin = 0; begin < query.size();) {
    const size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view pair = std::string_view(query).substr(begin, end - begin);
    if (pair.substr(0, pair.find('=')) == name)
      return pair.find('=') == std::string_view::npos ? "" : aws::UriDecode(pair.substr(name.size() + 1));
    begin = end + 1;
  }
  return {};
}

bool Head::Has(std::string_view name) const {
  return query == name || query.starts_with(std::string(name) + "=") ||
         query.find("&" + std::string(name)) != std::string::npos;
}

std::string Head::Key() const {
  const size_t slash = path.find('/', 1);
  return slash == std::string::npos ? "" : path.substr(slash + 1);
}

Head ParseHead(std::string_view text) {
  Head head;
  const size_t line_end = text.find("\r\n");
  const std::string_view line = text.substr(0, line_end);
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  head.method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  const size_t question = target.find('?');
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  head.path = aws::UriDecode(target.substr(0, question));
  for (size_t begin = line_end + 2; begin < text.size();) {
    const size_t end = std::min(text.find("\r\n", begin), text.size());
    const std::string_view header = text.substr(begin, end - begin);
    const size_t colon = header.find(':');
    if (colon != std::string_view::npos) {
      std::string name(header.substr(0, colon));
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      std::string_view value = header.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      head.headers[name] = value;
    }
    begin = end + 2;
  }
  return head;
}

}  // namespace seshat::bench
