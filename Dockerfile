# One image: the chat with everything in it. State (index, database) lives in the volume /state.
FROM python:3.11-slim
# The extra `evals` is for the console's part Quality, which runs them in /state.
# Where pip finds PyTorch's CPU build outside the pinned wheels.
ARG TORCH_INDEX=
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY companion companion
COPY evals evals
RUN pip install --no-cache-dir -c constraints.txt ${TORCH_INDEX:+--extra-index-url $TORCH_INDEX} torch \
 && pip install --no-cache-dir -c constraints.txt ${TORCH_INDEX:+--extra-index-url $TORCH_INDEX} -e '.[evals]'
COPY app.py ./
COPY .streamlit .streamlit
COPY knowledge knowledge
COPY prompts prompts
RUN useradd --create-home companion && mkdir /state && chown companion /state
USER companion
ENV COMPANION_STATE_DIR=/state COMPANION_HOST=0.0.0.0
VOLUME /state
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/crisis', timeout=3)"
CMD ["companion", "serve"]
